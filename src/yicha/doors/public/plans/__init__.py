"""What will be checked this year?"""
