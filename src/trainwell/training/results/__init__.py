"""What training gives back: `trace` what was observed, `runs` a population's runs, `trained` with their parameters."""
