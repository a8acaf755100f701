"""What collects money for us.

payments  the port: `PaymentProvider`, what it is asked and what it answers
sandbox   the provider of tests and of one machine, which moves no money

A real provider is one more module with a class that keeps the port's promises.
"""
