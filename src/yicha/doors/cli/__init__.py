"""The command line: `yicha`."""
