"""Does this adversarial autoencoder model this distribution, and did my change help?"""
