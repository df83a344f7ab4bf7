"""The Data page: what a task holds, leaks between tasks, and own tasks."""
