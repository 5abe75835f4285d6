package subscription_test

import (
	"os"
	"testing"

	"workflows/models/modelstest"
)

func TestMain(m *testing.M) { os.Exit(modelstest.AtOnce(m, 8).Run()) }
