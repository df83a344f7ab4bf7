# %% [markdown]
# # Train, ask and compare from Python
# Every block is a cell: open this file in a notebook, or run it as it is. It takes half a minute.

# %% Two ways to train four built-in tasks together, and their scores
import mtlviz

together = mtlviz.train("default", {"seed": 1})
surgery = mtlviz.train("default", {"seed": 1, "optimisation.combiner": "pcgrad"})
for task, score in together.scores.items():
    print(f"{task}: {score.metric} {score.value:.3f} ± {score.error:.3f}")

# %% Ask it: texts of yours, a split, a labelled split
said = together.predict("reviews", ["the good day was long", "a bad film"])
print(said.values, said.odds(0))
print(together.predict_split("reviews", "dev").values[:3])
print(together.evaluate("reviews", "dev").score)

# %% Compare: means over seeds, and differences between runs of the same seed
comparison = mtlviz.compare([together, surgery])
for row in comparison.differences():
    print(row["task"], row["points"], row["verdict"])

# %% Look: `plotly.graph_objects.Figure(FIGURE)` shows any of these
print({name: len(figure["data"]) for name, figure in together.figures().items()})

# %% Hand it on: `AutoModel` opens it where the encoder was a checkpoint
# together.export("my-model", "hf")
