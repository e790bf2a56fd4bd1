"""The atlas: known answers for pinned releases, as data; how they are renewed and used."""
