"""A model service watched by Barograph, and a year of traffic for it: `python -m examples.flights_service`.

app       the service: what you would copy
model     the delay model as a file of numbers
train     trains the model and freezes its two baselines
server    starts and stops the service, and talks to its workers
page      reads `/metrics`
replay    sends the flights month by month, and asks `/metrics` what it saw
show      how it is printed, and said in words
watch     Prometheus and Alertmanager on the generated stack, where they are installed
hearing   is told of alerts
tidings   how alerts are printed, and said in words
links     the page of links that is left
"""
