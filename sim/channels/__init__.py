"""Everything between people and brand: pressure of touchpoints, social ties, contact channels."""
