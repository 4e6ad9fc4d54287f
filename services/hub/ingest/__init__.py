"""From messages of gateways to rows and receipts, whatever carried them."""
