"""Who may do what in which situation: a table written by hand, to be read against product.md. Nothing here is computed."""

SITUATIONS = (
    "pending",  # placed, not paid
    "active",  # paid
    "draft",  # active, a draft was shared
    "extension",  # active, the freelancer has asked for more days
    "delivered",  # a final delivery was made
    "last",  # delivered, no revision is left
    "revision",  # a revision was requested
    "asked",  # active, the employer has asked to cancel
    "rejected",  # active, the freelancer has rejected that
    "completed",  # approved, the money is clearing
    "cancelled",  # by the freelancer
    "flagged",  # active, a rejection was followed by asking the administrator
    "held",  # delivered; a module holds approve, request_revision and cancel
)

# + allowed, . refused: with the reason, and nothing written
TABLE = {
    #                                        pen act dra ext del las rev ask rej com can fla hel
    ("pay", "employer"):                    " +   .   .   .   .   .   .   .   .   .   .   .   . ",
    ("pay", "freelancer"):                  " .   .   .   .   .   .   .   .   .   .   .   .   . ",
    ("drop", "employer"):                   " +   .   .   .   .   .   .   .   .   .   .   .   . ",
    ("drop", "freelancer"):                 " .   .   .   .   .   .   .   .   .   .   .   .   . ",
    ("deliver_draft", "employer"):          " .   .   .   .   .   .   .   .   .   .   .   .   . ",
    ("deliver_draft", "freelancer"):        " .   +   +   +   .   .   +   +   +   .   .   +   . ",
    ("deliver_final", "employer"):          " .   .   .   .   .   .   .   .   .   .   .   .   . ",
    ("deliver_final", "freelancer"):        " .   +   +   +   .   .   +   +   +   .   .   +   . ",
    ("give_feedback", "employer"):          " .   .   +   .   .   .   .   .   .   .   .   .   . ",
    ("give_feedback", "freelancer"):        " .   .   .   .   .   .   .   .   .   .   .   .   . ",
    ("approve", "employer"):                " .   .   .   .   +   +   .   .   .   .   .   .   . ",
    ("approve", "freelancer"):              " .   .   .   .   .   .   .   .   .   .   .   .   . ",
    ("request_revision", "employer"):       " .   .   .   .   +   .   .   .   .   .   .   .   . ",
    ("request_revision", "freelancer"):     " .   .   .   .   .   .   .   .   .   .   .   .   . ",
    ("extend_review", "employer"):          " .   .   .   .   +   +   .   .   .   .   .   .   + ",
    ("extend_review", "freelancer"):        " .   .   .   .   .   .   .   .   .   .   .   .   . ",
    ("request_extension", "employer"):      " .   .   .   .   .   .   .   .   .   .   .   .   . ",
    ("request_extension", "freelancer"):    " .   +   +   .   .   .   .   +   +   .   .   +   . ",
    ("withdraw_extension", "employer"):     " .   .   .   .   .   .   .   .   .   .   .   .   . ",
    ("withdraw_extension", "freelancer"):   " .   .   .   +   .   .   .   .   .   .   .   .   . ",
    ("accept_extension", "employer"):       " .   .   .   +   .   .   .   .   .   .   .   .   . ",
    ("accept_extension", "freelancer"):     " .   .   .   .   .   .   .   .   .   .   .   .   . ",
    ("decline_extension", "employer"):      " .   .   .   +   .   .   .   .   .   .   .   .   . ",
    ("decline_extension", "freelancer"):    " .   .   .   .   .   .   .   .   .   .   .   .   . ",
    ("request_cancellation", "employer"):   " .   +   +   +   +   +   +   .   +   .   .   +   + ",
    ("request_cancellation", "freelancer"): " .   .   .   .   .   .   .   .   .   .   .   .   . ",
    ("withdraw_cancellation", "employer"):  " .   .   .   .   .   .   .   +   .   .   .   .   . ",
    ("withdraw_cancellation", "freelancer"):" .   .   .   .   .   .   .   .   .   .   .   .   . ",
    ("approve_cancellation", "employer"):   " .   .   .   .   .   .   .   .   .   .   .   .   . ",
    ("approve_cancellation", "freelancer"): " .   .   .   .   .   .   .   +   .   .   .   .   . ",
    ("reject_cancellation", "employer"):    " .   .   .   .   .   .   .   .   .   .   .   .   . ",
    ("reject_cancellation", "freelancer"):  " .   .   .   .   .   .   .   +   .   .   .   .   . ",
    ("cancel", "employer"):                 " .   .   .   .   .   .   .   .   .   .   .   .   . ",
    ("cancel", "freelancer"):               " .   +   +   +   +   +   +   +   +   .   .   +   . ",
    ("cancel_late", "employer"):            " .   .   .   .   .   .   .   .   .   .   .   .   . ",
    ("cancel_late", "freelancer"):          " .   .   .   .   .   .   .   .   .   .   .   .   . ",
    ("ask_administrator", "employer"):      " .   .   .   .   .   .   .   .   +   .   .   .   . ",
    ("ask_administrator", "freelancer"):    " .   .   .   .   .   .   .   .   +   .   .   .   . ",
    ("review", "employer"):                 " .   .   .   .   .   .   .   .   .   +   .   .   . ",
    ("review", "freelancer"):               " .   .   .   .   .   .   .   .   .   +   .   .   . ",
    ("answer", "administrator"):            " .   .   .   .   .   .   .   .   .   .   .   +   . ",
    ("complete", "administrator"):          " .   +   +   +   +   +   +   +   +   .   .   +   + ",
    ("cancel", "administrator"):            " .   +   +   +   +   +   +   +   +   .   .   +   + ",
    ("refund", "administrator"):            " .   .   .   .   .   .   .   .   .   +   .   .   . ",
}  # fmt: skip

# what the others get, whatever the situation: an order of other people does not exist
OUTSIDERS = {
    ("orders", "stranger"): 404,
    ("orders", "administrator"): 404,
    ("orders", "logged out"): 303,
    ("admin", "employer"): 403,
    ("admin", "freelancer"): 403,
    ("admin", "stranger"): 403,
    ("admin", "logged out"): 303,
}

ADDRESSES = {
    "pay": "/orders/{number}/pay",
    "drop": "/orders/{number}/drop",
    "deliver_draft": "/orders/{number}/deliver",
    "deliver_final": "/orders/{number}/deliver",
    "give_feedback": "/orders/{number}/feedback",
    "approve": "/orders/{number}/approve",
    "request_revision": "/orders/{number}/request-revision",
    "extend_review": "/orders/{number}/extend-review",
    "request_extension": "/orders/{number}/request-extension",
    "withdraw_extension": "/orders/{number}/withdraw-extension",
    "accept_extension": "/orders/{number}/accept-extension",
    "decline_extension": "/orders/{number}/decline-extension",
    "request_cancellation": "/orders/{number}/request-cancellation",
    "withdraw_cancellation": "/orders/{number}/withdraw-cancellation",
    "approve_cancellation": "/orders/{number}/approve-cancellation",
    "reject_cancellation": "/orders/{number}/reject-cancellation",
    "cancel": "/orders/{number}/cancel",
    "cancel_late": "/orders/{number}/cancel-late",
    "ask_administrator": "/orders/{number}/ask-administrator",
    "review": "/orders/{number}/review",
}
DECISIONS = {
    "answer": "/admin/orders/{number}/decide/answer",
    "complete": "/admin/orders/{number}/decide/complete",
    "cancel": "/admin/orders/{number}/decide/cancel",
    "refund": "/admin/orders/{number}/decide/refund",
}

TYPED = {
    "deliver_draft": {"type": "draft", "description": "A first look."},
    "deliver_final": {"type": "final", "description": "Here it is."},
    "give_feedback": {"text": "More air, please."},
    "request_revision": {"instructions": "Heavier, please."},
    "request_extension": {"days": "2", "reason": "The printer is ill."},
    "request_cancellation": {"reason": "The work is no longer needed", "description": "The bakery closes."},
    "reject_cancellation": {"answer_text": "It is nearly done."},
    "ask_administrator": {"text": "Please look at this."},
    "review": {"rating": "4", "text": "It was a pleasure."},
}
DECIDED = {
    "answer": {"answer": "Talk to each other first."},
    "complete": {"reason": "It was delivered."},
    "cancel": {"reason": "It was not delivered."},
    "refund": {"reason": "Half of it was missing.", "amount_minor": "1.00"},
}
