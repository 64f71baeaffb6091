import { CommandFailure } from '../../src/cli/failure';

export { describeError } from '../../src/cli/failure';

/** Something about the local stack that the person at the terminal can put right. */
export class StackFailure extends CommandFailure {
  override name = 'StackFailure';

  constructor(
    message: string,
    /** What the failed program said, for those who read on. */
    readonly output = '',
  ) {
    super(message);
  }
}
