"""The lecture's statements: `statement` says what one is; they stand one per file, in folders by section."""
