"""The register of conflicting standards, and the rulings on them."""
