"""A corpus of documents aligned on Spark, and the data set that follows from it.

Stages, in the order in which `align_corpus.py` runs them; each leaves Parquet that the next one reads:

    corpus ─▶ documents ─▶ alignment ─▶ judgement ─▶ dataset ─▶ summary
              batches      documents/   pairs/       dataset/   summary.json
"""
