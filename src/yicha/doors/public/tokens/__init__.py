"""Is this visit code, or this certificate, genuine? Checked in the visitor's own browser, off line too."""
