"""yicha 一查: one gate, one visit, one record."""
