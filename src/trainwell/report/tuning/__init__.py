"""The page of a search: `page` has its sections and tables, `words` its sentences, `charts` draws its trials."""
