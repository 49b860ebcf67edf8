"""The lecture's statements: what one is (`statement`), and a file each, in folders by section."""
