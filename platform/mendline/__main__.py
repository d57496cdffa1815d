"""`python -m mendline` is the command line, wherever scripts are installed."""

from mendline.cli import main

main()
