"""How tables become enterprises, officers and links (see ingest/exchange, which finds this package by its name)."""

from yicha.ingest.exchange import services as exchange
from yicha.know.registry.intake.enterprises import ENTERPRISES
from yicha.know.registry.intake.links import LINKS
from yicha.know.registry.intake.officers import OFFICERS

exchange.register(ENTERPRISES)
exchange.register(OFFICERS)
exchange.register(LINKS)
