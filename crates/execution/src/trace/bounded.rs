//! An inspector that stops execution when a trace takes too long or grows too large.

use alloy_primitives::{Address, Log, U256, map::HashSet};
use revm::{
    Inspector,
    bytecode::opcode,
    context_interface::{ContextTr, context::ContextError},
    interpreter::{
        CallInputs, CallOutcome, CreateInputs, CreateOutcome, Interpreter,
        interpreter_types::{InputsTr, Jumps, LoopControl, ReturnData},
    },
};
use std::time::Instant;

/// Steps between two looks at the clock.
const STEPS_PER_CLOCK: u32 = 1_024;
/// Bytes that one recorded step takes, without stack, memory and storage.
const STEP: usize = 360;
/// Bytes that one word takes in memory and, about the same, as JSON.
const WORD: usize = 72;
/// Bytes that one call frame or log takes beside its data.
const FRAME: usize = 800;

/// What a tracer keeps of each step.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Weights {
    pub(super) steps: bool,
    pub(super) stack: bool,
    pub(super) memory: bool,
    pub(super) storage: bool,
    pub(super) return_data: bool,
}

/// Why execution was stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stopped {
    Time,
    Memory,
}

/// Time and memory of a whole request; carried from transaction to transaction of a block.
#[derive(Debug, Clone, Copy)]
pub(super) struct Budget {
    pub(super) deadline: Instant,
    pub(super) bytes_left: usize,
}

pub(super) struct Bounded<I> {
    pub(super) inner: I,
    pub(super) budget: Budget,
    pub(super) stopped: Option<Stopped>,
    weights: Weights,
    until_clock: u32,
    slots: HashSet<(Address, U256)>,
}

impl<I> Bounded<I> {
    pub(super) fn new(inner: I, budget: Budget, weights: Weights) -> Self {
        Self {
            inner,
            budget,
            stopped: None,
            weights,
            until_clock: STEPS_PER_CLOCK,
            slots: HashSet::default(),
        }
    }

    fn spend(&mut self, bytes: usize) {
        match self.budget.bytes_left.checked_sub(bytes) {
            Some(left) => self.budget.bytes_left = left,
            None => self.stopped = self.stopped.or(Some(Stopped::Memory)),
        }
    }

    fn account(&mut self, interp: &Interpreter) {
        self.until_clock -= 1;
        if self.until_clock == 0 {
            self.until_clock = STEPS_PER_CLOCK;
            if Instant::now() > self.budget.deadline {
                self.stopped = self.stopped.or(Some(Stopped::Time));
            }
        }
        if !self.weights.steps {
            return;
        }
        let mut bytes = STEP;
        if self.weights.stack {
            bytes += interp.stack.len() * WORD;
        }
        if self.weights.memory {
            bytes += interp.memory.len() / 32 * WORD;
        }
        if self.weights.return_data {
            bytes += interp.return_data.buffer().len() * 2;
        }
        if self.weights.storage
            && matches!(interp.bytecode.opcode(), opcode::SLOAD | opcode::SSTORE)
        {
            if let Ok(slot) = interp.stack.peek(0) {
                self.slots.insert((interp.input.target_address(), slot));
            }
            // Each such step repeats all slots of the contract so far.
            bytes += self.slots.len() * 2 * WORD;
        }
        self.spend(bytes);
    }

    fn stop<CTX: ContextTr>(&self, context: &mut CTX) {
        if self.stopped.is_some() && context.error().is_ok() {
            *context.error() = Err(ContextError::Custom("trace stopped".into()));
        }
    }
}

impl<CTX: ContextTr, I: Inspector<CTX>> Inspector<CTX> for Bounded<I> {
    fn initialize_interp(&mut self, interp: &mut Interpreter, context: &mut CTX) {
        self.inner.initialize_interp(interp, context);
    }

    fn step(&mut self, interp: &mut Interpreter, context: &mut CTX) {
        self.account(interp);
        if self.stopped.is_some() {
            self.stop(context);
            interp.bytecode.action().take();
            interp.bytecode.reset_action();
            interp.halt_fatal();
            return;
        }
        self.inner.step(interp, context);
    }

    fn step_end(&mut self, interp: &mut Interpreter, context: &mut CTX) {
        self.inner.step_end(interp, context);
    }

    fn log(&mut self, context: &mut CTX, log: Log) {
        self.spend(FRAME + 2 * log.data.data.len());
        self.inner.log(context, log);
    }

    fn log_full(&mut self, interp: &mut Interpreter, context: &mut CTX, log: Log) {
        self.spend(FRAME + 2 * log.data.data.len());
        self.inner.log_full(interp, context, log);
    }

    fn call(&mut self, context: &mut CTX, inputs: &mut CallInputs) -> Option<CallOutcome> {
        self.spend(FRAME + 2 * inputs.input.len());
        self.inner.call(context, inputs)
    }

    fn call_end(&mut self, context: &mut CTX, inputs: &CallInputs, outcome: &mut CallOutcome) {
        self.spend(2 * outcome.result.output.len());
        self.inner.call_end(context, inputs, outcome);
    }

    fn create(&mut self, context: &mut CTX, inputs: &mut CreateInputs) -> Option<CreateOutcome> {
        self.spend(FRAME + 2 * inputs.init_code().len());
        self.inner.create(context, inputs)
    }

    fn create_end(
        &mut self,
        context: &mut CTX,
        inputs: &CreateInputs,
        outcome: &mut CreateOutcome,
    ) {
        self.spend(2 * outcome.result.output.len());
        self.inner.create_end(context, inputs, outcome);
    }

    fn selfdestruct(&mut self, contract: Address, target: Address, value: U256) {
        <I as Inspector<CTX>>::selfdestruct(&mut self.inner, contract, target, value);
    }
}
