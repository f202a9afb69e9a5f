"""The command ``wangge``: one module a command."""
