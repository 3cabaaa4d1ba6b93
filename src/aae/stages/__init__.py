"""The stages of dvc.yaml: each reads files, calls the rooms and writes files.

- `generate`, `ingest`: data/NAME; `train`: models/NAME/VARIANT/SEED.
- `reference`, `evaluate`: what is found of real rows and of a model; `report`: all of it.
"""
