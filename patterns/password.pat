# Passwords, also hashed ones.
id: int.password
type: password
context: wachtwoord* password* passwd passwort* user_pass pass_hash passhash passphrase pwd pincode pin_code
context: mot_de_passe password_hash password_salt kennwort*
against: password_reset password_reset_at password_changed password_expir* password_last password_updated
against: password_modified password_policy password_length password_strength password_created password_date
against: wachtwoord_gewijzigd wachtwoord_vergeten password_required password_protected password_attempts
match: wachtwoord
match: user_pass
match: passwordHash
refuse: password_reset_at
refuse: passage
