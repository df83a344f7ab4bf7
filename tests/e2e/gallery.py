"""A Streamlit script with both components, for the browser tests: small, fast, and it reports all.

Parameters of the address: `capacity`, `autoplay=1`, `broken=1` (a film that cannot be drawn),
`verdict=1` (and a task whose number has two digits).
"New visit" forgets all that was done and puts both components up anew.
"""

import json

import streamlit as st

from mtlviz.toy.config import ToyConfig
from mtlviz.toy.fields import TaskScene
from mtlviz.toy.film import decoded
from mtlviz.toy.film import film as film_of
from mtlviz.toy.own import edited
from mtlviz.toy.program import train
from mtlviz.ui.component import chart, film
from mtlviz.ui.core import session

TASKS = (
    TaskScene(points=40, angle=20),
    TaskScene(points=40, angle=30, x=1, y=1),
    TaskScene(points=40, angle=-40, x=-1, y=0.5, elongation=3, rotation=30, noise=0.1),
)

st.set_page_config(layout="wide")
state = st.session_state
parameters = st.query_params
if "config" not in state:
    capacity = int(parameters.get("capacity", 1))
    state["config"] = ToyConfig(tasks=TASKS, capacity=capacity, steps=20, seeds=2)
    state["lift"] = 0


def take_edit():
    state["edit"] = session.edit(f"film{visit}")
    state["config"] = edited(state["config"], state["edit"])


def lift():
    state["lift"] += 1


def new_visit():
    number = visit + 1
    state.clear()
    state["visit"] = number


visit = state.get("visit", 0)
group = f"gallery{visit}"
st.button("Lift", on_click=lift)
st.button("New visit", on_click=new_visit)
payload = film_of(train(state["config"]))
if parameters.get("verdict") == "1":
    told = {"sign": "helps", "text": "helps by 3 points", "hint": "Mean of 2 repetitions."}
    payload["verdicts"] = [told for _ in payload["panels"]]
    payload["tasks"][0]["name"] = "Task 12"
if parameters.get("broken") == "1":
    payload["tasks"][0]["x"]["dtype"] = "q9"

film(
    payload, key=f"film{visit}", alt="Four arms of three tasks.", cursor_group=group,
    autoplay=parameters.get("autoplay", ""), on_edit=take_edit,
)  # fmt: skip
film(
    payload, key=f"plane{visit}", alt="Exact losses.", cursor_group=group, view="landscape",
    panel=len(payload["panels"]) - 1,
)  # fmt: skip
losses = [decoded(panel["loss"])[:, 0] + state["lift"] for panel in payload["panels"]]
figure = {
    "data": [
        {"type": "scatter", "mode": "lines+markers", "name": panel["title"],
         "x": payload["steps"], "y": loss.tolist()}
        for panel, loss in zip(payload["panels"], losses, strict=True)
    ],
    "layout": {"xaxis": {"title": {"text": "step"}}, "yaxis": {"title": {"text": "loss"}}},
}  # fmt: skip
events = chart(
    figure, key=f"chart{visit}", alt="Loss of task 1 in four arms.", how_to_read="Lower is better.",
    cursor_group=group, events=("click", "hover"), filename="losses",
)  # fmt: skip
# A hover runs the script again, and a click is reported for one run only.
state["click"] = events.click or state.get("click")
st.code(json.dumps({"edit": state.get("edit"), "click": state["click"]}))
st.markdown(f"gallery ready {visit}")
