"""The routes of the API, a module for each part."""

from yicha.doors.partners.routes import (
    certificates,
    enterprises,
    events,
    gate,
    keys,
    listings,
    records,
    results,
    tokens,
)

ROUTERS = [
    module.router
    for module in (tokens, gate, enterprises, results, listings, certificates, records, events, keys)
]
"""In the order of the description."""
