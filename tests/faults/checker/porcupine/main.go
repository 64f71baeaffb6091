// Decides, seat by seat, whether what customers saw of a seat's ownership is linearizable: whether there is an order of all steps, each
// at some moment between its call and its return, in which the seat has one owner at a time. The model is explained in docs/faults-model.md.
//
// Reads {"timeoutSeconds": n, "pictures": "folder", "seats": [{"seat": "…", "steps": […]}]} and prints
// {"seats": [{"seat": "…", "verdict": "ok|illegal|unknown", "unplaced": ["<operation>", …], "picture": "file"}]}.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/anishathalye/porcupine"
)

// Step is one thing that was done to a seat, or seen of it.
type Step struct {
	Kind    string `json:"kind"`
	Booking string `json:"booking"`
	// Microseconds since the run began.
	Call   int64 `json:"call"`
	Return int64 `json:"return"`
	// The operation in the history that shows it.
	Operation string `json:"operation"`
}

type seat struct {
	Seat  string `json:"seat"`
	Steps []Step `json:"steps"`
}

type question struct {
	TimeoutSeconds float64 `json:"timeoutSeconds"`
	Pictures       string  `json:"pictures"`
	Seats          []seat  `json:"seats"`
}

type verdict struct {
	Seat     string   `json:"seat"`
	Verdict  string   `json:"verdict"`
	Unplaced []string `json:"unplaced"`
	Picture  string   `json:"picture,omitempty"`
}

// The owner of a seat, by its booking; nobody's seat is free.
const nobody = ""

// after returns who may own the seat once the step has taken effect; none where it can't take effect now.
func after(owner string, step Step) []interface{} {
	stays := []interface{}{owner}
	impossible := []interface{}{}
	mine := owner == step.Booking
	switch step.Kind {
	case "claim":
		if owner == nobody {
			return []interface{}{step.Booking}
		}
		return impossible
	case "release":
		if mine {
			return []interface{}{nobody}
		}
		return impossible
	case "have": // A change after which the booking has the seat, whether or not it had it before.
		if owner == nobody || mine {
			return []interface{}{step.Booking}
		}
		return impossible
	case "leave": // A change after which the booking doesn't have the seat.
		if mine {
			return []interface{}{nobody}
		}
		return stays
	case "exchange": // A change whose outcome nobody was told: it may have taken the seat, left it, or not happened.
		if mine {
			return []interface{}{owner, nobody}
		}
		if owner == nobody {
			return []interface{}{owner, step.Booking}
		}
		return stays
	case "owned":
		if mine {
			return stays
		}
		return impossible
	case "not-owned":
		if mine {
			return impossible
		}
		return stays
	case "free":
		if owner == nobody {
			return stays
		}
		return impossible
	case "taken":
		if owner == nobody {
			return impossible
		}
		return stays
	default:
		panic("no such step: " + step.Kind)
	}
}

var model = (&porcupine.NondeterministicModel{
	Init: func() []interface{} { return []interface{}{nobody} },
	Step: func(state, input, _ interface{}) []interface{} { return after(state.(string), input.(Step)) },
	DescribeOperation: func(input, _ interface{}) string {
		step := input.(Step)
		return fmt.Sprintf("%s %s (%s)", step.Kind, short(step.Booking), step.Operation)
	},
}).ToModel()

func short(booking string) string {
	if len(booking) > 8 {
		return booking[:8]
	}
	return booking
}

func decide(asked seat, timeout time.Duration, pictures string) (verdict, error) {
	history := make([]porcupine.Operation, len(asked.Steps))
	for lane, step := range asked.Steps {
		history[lane] = porcupine.Operation{ClientId: lane, Input: step, Call: step.Call, Return: step.Return}
	}
	result, info := porcupine.CheckOperationsVerbose(model, history, timeout)
	answer := verdict{Seat: asked.Seat, Unplaced: []string{}}
	switch result {
	case porcupine.Ok:
		answer.Verdict = "ok"
		return answer, nil
	case porcupine.Unknown:
		answer.Verdict = "unknown"
		return answer, nil
	default:
		answer.Verdict = "illegal"
	}
	answer.Unplaced = unplaced(asked.Steps, info)
	if pictures != "" {
		if err := os.MkdirAll(pictures, 0o755); err != nil {
			return answer, err
		}
		answer.Picture = filepath.Join(pictures, asked.Seat+".html")
		return answer, porcupine.VisualizePath(model, info, answer.Picture)
	}
	return answer, nil
}

// unplaced names the steps that the longest order found has no place for.
func unplaced(steps []Step, info porcupine.LinearizationInfo) []string {
	longest := []int{}
	for _, partition := range info.PartialLinearizations() {
		for _, order := range partition {
			if len(order) > len(longest) {
				longest = order
			}
		}
	}
	placed := map[int]bool{}
	for _, index := range longest {
		placed[index] = true
	}
	left := []string{}
	for index, step := range steps {
		if !placed[index] {
			left = append(left, fmt.Sprintf("%s %s", step.Kind, step.Operation))
		}
	}
	return left
}

func answer() error {
	var asked question
	if err := json.NewDecoder(os.Stdin).Decode(&asked); err != nil {
		return err
	}
	deadline := time.Now().Add(time.Duration(asked.TimeoutSeconds * float64(time.Second)))
	answers := make([]verdict, 0, len(asked.Seats))
	for _, one := range asked.Seats {
		// No seat takes all of the time from the others. Zero would mean for ever.
		left := max(time.Until(deadline)/4, time.Millisecond)
		decided, err := decide(one, left, asked.Pictures)
		if err != nil {
			return err
		}
		answers = append(answers, decided)
	}
	return json.NewEncoder(os.Stdout).Encode(map[string]any{"seats": answers})
}

func main() {
	if err := answer(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
