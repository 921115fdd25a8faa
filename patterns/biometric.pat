# Biometric data (GDPR art. 4(14) and 9). "Fingerprint" alone is mostly one of a key or a browser.
id: int.biometric
type: biometric
context: biometri* vingerafdruk* irisscan iris_scan gezichtsherkenning face_template faceprint face_embedding
context: voiceprint voice_print fingerprint_template fingerprint_image empreinte_digitale handpalm*
match: vingerafdruk
match: biometric_template
refuse: fingerprint
refuse: key_fingerprint
