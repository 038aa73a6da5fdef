/** Something that can happen to anybody, said in words for who is at the terminal. Shown as it is, without a stack. */
export class ExpectedFailure extends Error {
  override readonly name = 'ExpectedFailure';
}
