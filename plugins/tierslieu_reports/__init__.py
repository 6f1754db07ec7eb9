"""Activity reports: what a house, an organisation or the network did, in figures and in words.

Report: the figures of one scope and one period, beside those of the period before, as they were
when it was made. Narrative: what people write beside them.

1. A report is kept as it was counted and re-read unchanged, in each language, for ever.
2. Only features and plugins know figures (hook ``report_sections``); here they are added up.
3. What everybody reads tells no number of people under five, nor lets one be worked out.
"""
