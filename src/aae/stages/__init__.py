"""The stages of dvc.yaml: each reads files, calls the rooms and writes files.

- `generate`, `ingest`: data/NAME; `train`: models/NAME/VARIANT/SEED.
- `reference`, `evaluate`: what is measured of real rows and of a model; `report`: all of it.
- `floor`: what a model shows for having learned from few rows, by refitting it to its own rows.
- `measure`: what a study asks of a model beyond that; `unpack`: a table that a package ships.
"""
