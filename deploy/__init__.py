"""How wangge is run: on one machine, in containers, on Kubernetes, and by the command `wangge`."""
