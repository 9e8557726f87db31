/** A short agreement to try the screen with: written for this purpose. */
export const example = `MUTUAL NON-DISCLOSURE AGREEMENT

This Agreement is entered into as of March 3, 2025 between Northwind Instruments, Inc., a Delaware corporation ("Northwind"), and Halden Analytics LLC ("Halden").

1. Confidential Information

1.1 "Confidential Information" means all technical and business information that one party discloses to the other, in writing or orally, whether or not it is marked as confidential.

1.2 The Receiving Party shall use Confidential Information only to evaluate a possible business relationship between the parties, and for no other purpose.

1.3 The Receiving Party may disclose Confidential Information to those of its employees and professional advisors who need to know it.

2. Term and Return

2.1 This Agreement ends on December 31, 2027. The duties of Section 1 survive for a period of three years after its end.

2.2 Within thirty (30) days after a written request the Receiving Party shall return or destroy all Confidential Information, but may keep one copy in its archives.

3. Fees and Liability

3.1 Halden shall pay Northwind an evaluation fee of $25,000 within 45 days of the date of this Agreement. Late amounts bear interest at 1.5% per month.

3.2 In no event will Northwind be liable for any indirect or consequential damages, whatever their cause, even if it was advised that they may occur.

4. Changes and Termination

4.1 Northwind may change these terms at any time in its sole discretion, and continued use of its services means that the changes are accepted.

4.2 Northwind may suspend or terminate access to its services at any time, for any reason, without notice.

5. General

5.1 This Agreement is governed by the laws of the State of New York. All disputes shall be resolved by binding arbitration in New York City.

5.2 Neither party may assign this Agreement without the prior written consent of the other.
`;
