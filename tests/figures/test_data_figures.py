"""Figures of data sets: the numbers in them, and that no name in them has an effect."""

import base64

import numpy as np
import pytest

from mtlviz.figures.data import label_bars, leak_matrix, length_steps, score_bars, shortened


def unpacked(values):
    assert values["dtype"] == "f4"
    return np.frombuffer(base64.b64decode(values["bdata"]), dtype="<f4")


def test_bars_are_shares_of_each_split():
    counts = {"train": np.array([30, 10]), "dev": np.array([1, 1])}
    train, dev = label_bars(counts, ["no", "yes"], {"train": 40, "dev": 2})["data"]
    assert unpacked(train["x"]).tolist() == [0.75, 0.25]
    assert unpacked(dev["x"]).tolist() == [0.5, 0.5]
    assert train["customdata"] == [["30", "no"], ["10", "yes"]]


def test_names_are_shown_as_they_are_and_cut_names_stay_apart():
    names = ["<b>x</b>", "a very long name of a class, one", "a very long name of a class, two"]
    figure = label_bars({"train": np.array([1, 2, 3])}, names, {"train": 6})
    ticks = figure["layout"]["yaxis"]["ticktext"]
    assert ticks[0] == "&lt;b&gt;x&lt;/b&gt;"
    assert ticks[1] == ticks[2]
    assert figure["data"][0]["y"] == [0, 1, 2]
    assert shortened("a & b") == "a &amp; b"


def test_lengths_are_shares_that_sum_to_one_up_to_the_longest_hundredth():
    words = np.concatenate([np.repeat([3, 5, 8], [20, 60, 20]), [500]])
    (trace,) = length_steps({"train": words}, mean=5.0)["data"]
    edges, share = unpacked(trace["x"]), unpacked(trace["y"])
    assert share.sum() == pytest.approx(100 / 101)
    assert share[np.searchsorted(edges, 5) - 1] == pytest.approx(60 / 101)
    assert edges[-1] < 20
    assert share[-1] == 0  # The last step comes down to the axis.


def test_scores_of_every_split_are_counted_on_the_same_bands():
    train, dev = score_bars({"train": np.array([0.0, 5.0]), "dev": np.array([2.4])})["data"]
    assert unpacked(train["x"]).tolist() == unpacked(dev["x"]).tolist()
    assert unpacked(train["y"])[0] == unpacked(train["y"])[-2] == 0.5
    assert unpacked(dev["y"]).max() == 1.0


def test_leaks_are_shown_as_share_and_count_and_blank_where_there_is_nothing_to_compare():
    shares = np.array([[0.0, 0.0004], [0.62, np.nan]])
    counts = np.array([[0, 1], [1240, 0]])
    figure = leak_matrix(shares, counts, np.array([2500, 2000]), ["mr", "<i>"], "dev")
    (heatmap,) = figure["data"]
    assert heatmap["text"] == [["", "< 0.1%<br>1"], ["62%<br>1,240", ""]]
    assert np.isnan(unpacked(heatmap["z"])[3])
    assert heatmap["customdata"][1][0].startswith("1,240 of 2,000 dev examples of &lt;i&gt;")
    assert figure["layout"]["yaxis"]["autorange"] == "reversed"
