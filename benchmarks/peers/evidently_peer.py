"""What Evidently is timed at, in its own environment."""

import warnings

import pandas as pd
from loop import serve

warnings.simplefilter("ignore")


def drift(html):
    def prepared(reference, current):
        from evidently import Report
        from evidently.presets import DataDriftPreset

        before, now = pd.read_parquet(reference), pd.read_parquet(current)

        def work():
            run = Report([DataDriftPreset()]).run(now, before)
            return {"bytes": len(run.get_html_str(as_iframe=False) if html else run.json())}

        return work

    return prepared


serve({"drift_json": drift(html=False), "drift_html": drift(html=True)})
