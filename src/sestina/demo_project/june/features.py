"""What the model is told about a flight as it leaves the gate."""

import pandas as pd


def delay_at_departure(flights: pd.DataFrame) -> pd.Series:
    """Hours behind schedule when the flight left the gate."""
    return flights.dep_delay // 60


def rush_hour(flights: pd.DataFrame) -> pd.Series:
    """Whether the flight is scheduled for the afternoon wave."""
    afternoon = flights.hour.between(16, 20)  # scheduled hour, New York time
    return afternoon.astype(int)


def long_haul(flights: pd.DataFrame) -> pd.Series:
    """Whether there is time to catch up on the way."""
    return (flights.distance > 1500).astype(int)


def frame(flights: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "delay_at_departure": delay_at_departure(flights),
            "rush_hour": rush_hour(flights),
            "long_haul": long_haul(flights),
            "hour": flights.hour,
            "distance": flights.distance,
        }
    )
