"""The routes of the API, a module for each part."""

from yicha.doors.partners.routes import keys, tokens

ROUTERS = [module.router for module in (tokens, keys)]
"""In the order of the description."""
