# Health (GDPR art. 4(15) and 9): columns of care, of absence at work, of diets.
id: int.health
type: health
context: diagnose diagnoses diagnosis diagnoses_code hoofddiagnose nevendiagnose icd_10 icd10 icd_9
context: gezondheid gezondheidstoestand gezondheidsklacht* gezondheidsgegevens health_condition health_status
context: health_info health_notes health_data health_issue* medisch* medical* medische* etat_de_sante
context: medicatie medicijn* medicament* medication* prescription* geneesmiddel* allergie* allergy allergies
context: allergen* ziekte* ziektebeeld ziekmelding* ziekteverzuim verzuim verzuimreden reden_verzuim
context: reden_afwezigheid absence_reason reason_of_absence sick_leave sick_reason sickness* illness* disease*
context: arbeidsongeschikt* disability disabilities invaliditeit* zwanger* pregnan* bloedgroep blood_group
context: blood_type groupe_sanguin bmi behandelplan behandeling* vaccin* dieetwens* dietary* klachten_patient
context: zorgindicatie zorgvraag anamnese symptoom symptomen symptom* maladie* wao_percentage wia_percentage
against: medical_id health_check health_check_url behandeling_id behandelaar behandelaars medisch_centrum
against: disability_access zorgvraag_id vaccin_id
match: diagnose
match: hoofdDiagnose
match: reden_verzuim
match: Allergieën
match: patient.medication_list
refuse: health_check
refuse: diagnostics
refuse: omschrijving
