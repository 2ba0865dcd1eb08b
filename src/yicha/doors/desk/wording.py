"""Sentences of forms that Django says clumsily in Chinese; ours stand in the catalogue of the desk, for all doors."""

from django.utils.translation import gettext_noop as _

OF_FORMS = (
    _("This field is required."),
    _("Ensure this value is less than or equal to %(limit_value)s."),
    _("Ensure this value is greater than or equal to %(limit_value)s."),
    _("Enter a valid date."),
    _("Enter a whole number."),
    _("Enter a number."),
    _("Select a valid choice. That choice is not one of the available choices."),
)
"""As Django says them in English."""
