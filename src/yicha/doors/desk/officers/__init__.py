"""Officers, their certificates, competences and recusals."""
