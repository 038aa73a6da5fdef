/** What policy answers, frozen on the request and in the log. JSON all through. */
export interface Stage {
  readonly name: string;
  /** Mail addresses, lower case. Authority is looked up anew at each click; this says who was asked. */
  readonly approvers: readonly string[];
  readonly required: number;
}

export interface Decision {
  readonly outcome: 'deny' | 'approval';
  /** The rule that decided, such as `duration-cap`. */
  readonly rule: string;
  /** In people's words; for a denial, why. */
  readonly message: string;
  readonly stages: readonly Stage[];
  /** The catalog's content hash. */
  readonly policyVersion: string;
  /** What the rules saw. */
  readonly facts: Readonly<Record<string, unknown>>;
}

/** Everybody who was asked to decide, over all stages. */
export function approversOf(decision: Decision): readonly string[] {
  return [...new Set(decision.stages.flatMap((stage) => stage.approvers))];
}
