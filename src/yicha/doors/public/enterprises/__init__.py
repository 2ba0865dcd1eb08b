"""What was found at this firm?"""
