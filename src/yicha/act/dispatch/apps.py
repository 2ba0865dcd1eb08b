from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DispatchConfig(AppConfig):
    name = "yicha.act.dispatch"
    label = "dispatch"
    verbose_name = _("Dispatch")
