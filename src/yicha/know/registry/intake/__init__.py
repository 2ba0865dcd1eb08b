"""How tables become what the registry keeps (see ingest/exchange, which finds this package by its name)."""

from yicha.ingest.exchange import services as exchange
from yicha.know.registry.intake.enterprises import ENTERPRISES
from yicha.know.registry.intake.links import LINKS
from yicha.know.registry.intake.officers import OFFICERS
from yicha.know.registry.intake.when import (
    ABSENCES_OF_OFFICERS,
    EQUIPMENT_OF_AGENCIES,
    WISHES_FOR_VISITS,
)

exchange.register(ENTERPRISES)
exchange.register(OFFICERS)
exchange.register(LINKS)
exchange.register(ABSENCES_OF_OFFICERS)
exchange.register(EQUIPMENT_OF_AGENCIES)
exchange.register(WISHES_FOR_VISITS)
