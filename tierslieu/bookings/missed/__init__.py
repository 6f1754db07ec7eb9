"""The record of bookings to which nobody came: gentle, reviewed by people, forgotten in time.

1. A record says how the person was told before; somebody at the desk may note one as well.
2. A record that was forgiven, or has expired, counts for nothing and is shown to nobody as a
   reproach; what is forgiven can be taken back, and "they did come" removes it.
3. Records never decide anything by themselves: they are a hint to people at the desk.
"""
