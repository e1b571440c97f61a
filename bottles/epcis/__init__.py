"""EPCIS 2.0, the way other operators' systems are told what happened here, and tell us.

    words     what our acts and things are called in GS1's vocabulary
    acts      events out of what people did, their corrections among them
    stock     events out of what the centre did: sorted, washed, inspected, shipped, held
    document  both together, as one stream or page by page
    reading   another operator's document, and the crates it makes known here

References
----------
GS1 EPCIS 2.0.1 and CBV 2.0, https://ref.gs1.org/standards/epcis/ and https://ref.gs1.org/standards/cbv/.
UN/ECE Recommendation 20, revision 17: codes of units.
"""
