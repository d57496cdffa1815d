"""The whole application on one machine: embedded servers, and the supervisor behind `mendline up`.

Sits below the application and imports none of its areas; production brings its own servers and its own supervisor.
"""
