"""``python -m deploy.cli`` is the command ``wangge``."""

from deploy.cli.main import main

main()
