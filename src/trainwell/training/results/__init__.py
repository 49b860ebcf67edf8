"""What training gives back: `trace` what was observed, `runs` a population's runs, with or without parameters."""
